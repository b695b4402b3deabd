/** The version of this tool: part of every image's inputs. */
export const toolVersion = "0.1.0";
