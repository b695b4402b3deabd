/**
 * The actions of find(1).
 */
import { FileSystemError } from "../../../tree/file-system-error.js";
import { baseName, dirName } from "../path.js";
import { quoteText } from "../quote.js";
import { findProgram } from "../run-program.js";
import type { Predicate } from "./expression.js";
import { compileFormat } from "./format.js";
import type { Arguments, FindContext } from "./parse-expression.js";

/** Thrown by -quit. */
export class FindQuit extends Error {
  override readonly name = "FindQuit";
}

/** An action and what it changes about the whole run. */
export interface Action {
  readonly run: Predicate;
  readonly suppressesPrint: boolean;
  readonly needsDepth?: boolean;
  readonly finish?: () => undefined;
}

/** Bytes of arguments that -exec … + gathers for one command. */
const MAX_BYTES = 131072;

/** Makes the action that `args` names; undefined if it names none. */
export function makeAction(context: FindContext, args: Arguments): Action | undefined {
  const { tool } = context;
  const printer = (run: Predicate): Action => ({ run, suppressesPrint: true });
  switch (args.name) {
    case "-print":
      return printer((visit) => {
        tool.out(`${visit.path}\n`);
        return true;
      });
    case "-print0":
      return printer((visit) => {
        tool.out(`${visit.path}\0`);
        return true;
      });
    case "-printf": {
      const format = compileFormat(context, args.next());
      return printer((visit) => {
        tool.out(format(visit));
        return true;
      });
    }
    case "-prune":
      return {
        run: (visit) => {
          visit.pruned = true;
          return true;
        },
        suppressesPrint: false,
      };
    case "-quit":
      return {
        run: () => {
          throw new FindQuit();
        },
        suppressesPrint: false,
      };
    case "-delete":
      return { run: (visit) => deleteFile(context, visit.path), suppressesPrint: true, needsDepth: true };
    case "-exec":
    case "-execdir":
      return execute(context, args);
    case "-ok":
    case "-okdir":
    case "-ls":
    case "-fls":
    case "-fprint":
    case "-fprint0":
    case "-fprintf":
    case "-inum":
    case "-atime":
    case "-amin":
    case "-anewer":
    case "-ctime":
    case "-cmin":
    case "-cnewer":
    case "-used":
    case "-fstype":
    case "-context":
    case "-files0-from":
      return tool.unsupported(args.name);
    default:
      if (/^-newer[aBcmt]{2}$/.test(args.name)) return tool.unsupported(args.name);
      return undefined;
  }
}

function deleteFile({ tool, state }: FindContext, path: string): boolean {
  const name = baseName(path);
  if (name === "." || name === "..") return true;
  try {
    const node = tool.lstat(path);
    if (node.type === "directory") tool.process.tree.rmdir(tool.absolute(path));
    else tool.process.tree.unlink(tool.absolute(path));
    return true;
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    tool.say(`cannot delete ${quoteText(path)}: ${error.text}`);
    state.failed = true;
    return false;
  }
}

function execute(context: FindContext, args: Arguments): Action {
  const { tool, state } = context;
  const inDirectory = args.name === "-execdir";
  const { words, batch } = args.command();
  const run = (argv: readonly string[], directory: string | undefined): number => {
    const name = argv[0]!;
    if (findProgram(tool, name) !== "found") {
      tool.say(`${quoteText(name)}: No such file or directory`);
      return 127;
    }
    const cwd = directory === undefined ? undefined : tool.process.tree.realpath(tool.absolute(directory));
    return tool.process.run(argv, { cwd });
  };
  const pathFor = (path: string): string => (inDirectory ? `./${baseName(path)}` : path);
  if (!batch) {
    return {
      run: (visit) => {
        const path = pathFor(visit.path);
        const argv = words.map((word) => word.replaceAll("{}", path));
        return run(argv, inDirectory ? dirName(visit.path) : undefined) === 0;
      },
      suppressesPrint: true,
    };
  }
  let gathered: string[] = [];
  let bytes = 0;
  let place: string | undefined;
  const flush = (): undefined => {
    if (gathered.length === 0) return;
    const paths = gathered;
    gathered = [];
    bytes = 0;
    if (run([...words, ...paths], place) !== 0) state.failed = true;
  };
  return {
    run: (visit) => {
      const directory = inDirectory ? dirName(visit.path) : undefined;
      const path = pathFor(visit.path);
      if (directory !== place || bytes + path.length + 1 > MAX_BYTES) flush();
      place = directory;
      gathered.push(path);
      bytes += path.length + 1;
      return true;
    },
    suppressesPrint: true,
    finish: flush,
  };
}
