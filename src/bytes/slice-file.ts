/**
 * A range of a content that can be read anywhere.
 */

import { contentOfByteString, type FileContent } from "./content.js";
import { sliceContent } from "./slice-content.js";

/** The range as such a content, cut off at the content's end. */
export function sliceFile(content: FileContent, offset: number, length: number): FileContent {
  const size = Math.max(0, Math.min(length, content.size - offset));
  if (size === 0) return contentOfByteString("");
  return {
    size,
    read: (at = 0, count = size - at) => content.read(offset + at, Math.max(0, Math.min(count, size - at))),
    chunks: () => sliceContent(content, offset, size).chunks(),
  };
}
