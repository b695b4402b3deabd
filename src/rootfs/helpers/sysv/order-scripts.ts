/**
 * The numbers of init scripts: each starts after what it needs and stops before it, as early as that allows.
 *
 * Observed of insserv 1.26 (trixie): names that no script provides take part when `X-Start-Before` or `X-Stop-After` puts something
 * before them; slots without a script are closed first; then an interactive script gets its slot to itself, which moves the others of
 * its run levels and what follows them, unprovided names included; `$all` comes last.
 */
import { expandFacility, type Facilities, type InitScript } from "./init-script.js";

/** A script and the run levels it starts and stops in. */
export interface PlacedScript {
  readonly script: InitScript;
  readonly start: readonly string[];
  readonly stop: readonly string[];
}

/** The numbers by script name, and the direct predecessors of each. */
export interface ScriptOrder {
  readonly numbers: ReadonlyMap<string, number>;
  readonly after: ReadonlyMap<string, readonly string[]>;
  /** Two scripts that wait for each other. */
  readonly loop?: readonly [string, string];
}

interface Point {
  /** Undefined for a name that nothing here starts (or stops). */
  readonly placed: PlacedScript | undefined;
  readonly before: Set<string>;
  level: number;
}

type Graph = Map<string, Point>;

/** Numbers for starting. */
export function orderStart(placed: readonly PlacedScript[], facilities: Facilities): ScriptOrder {
  const active = placed.filter(({ start }) => start.length > 0);
  const graph: Graph = new Map();
  const ofName = providers(placed);
  const last: PlacedScript[] = [];
  for (const item of active) {
    point(graph, item.script.name, item);
    const { requiredStart, shouldStart, startBefore } = item.script;
    const needs = [...requiredStart, ...shouldStart];
    if (needs.includes("$all")) last.push(item);
    const keys = (names: readonly string[]): string[] =>
      names
        .flatMap((name) => expandFacility(facilities, name))
        .flatMap((name) => {
          const other = ofName.get(name);
          if (other === item) return [];
          if (other === undefined || other.start.length === 0) return item.start.map((level) => `${level}:${name}`);
          // What never starts together has no order.
          return other.start.some((level) => item.start.includes(level)) ? [other.script.name] : [];
        });
    const later = keys(startBefore);
    for (const key of keys(needs)) if (!later.includes(key)) connect(graph, { from: key, to: item.script.name });
    for (const key of later) connect(graph, { from: item.script.name, to: key });
  }
  const loop = setLevels(graph, active);
  if (loop !== undefined) return { numbers: new Map(), after: new Map(), loop };
  const lastNames = new Set(last.map(({ script }) => script.name));
  const early = active.filter(({ script }) => !lastNames.has(script.name));
  closeGaps(graph, early);
  separateInteractive(graph, early, facilities);
  for (const item of last) {
    const others = early.filter((other) => other.start.some((level) => item.start.includes(level)));
    graph.get(item.script.name)!.level = 1 + Math.max(0, ...others.map(({ script }) => graph.get(script.name)!.level));
    for (const other of others) connect(graph, { from: other.script.name, to: item.script.name });
  }
  separateInteractive(graph, active, facilities);
  return result(graph, active);
}

/** Numbers for stopping: what a script needs is stopped after it. */
export function orderStop(placed: readonly PlacedScript[], facilities: Facilities): ScriptOrder {
  const active = placed.filter(({ stop }) => stop.length > 0);
  const graph: Graph = new Map();
  const ofName = providers(placed);
  for (const item of placed) {
    const { name, requiredStop, shouldStop, stopAfter } = item.script;
    if (item.stop.length > 0) point(graph, name, item);
    const keys = (names: readonly string[]): string[] =>
      names
        .flatMap((word) => expandFacility(facilities, word))
        .flatMap((word) => {
          const other = ofName.get(word);
          return other === item ? [] : [other?.script.name ?? `:${word}`];
        });
    if (item.stop.length === 0) continue;
    const needs = [...requiredStop, ...shouldStop];
    for (const key of keys(needs)) connect(graph, { from: name, to: key });
    for (const key of keys(stopAfter)) connect(graph, { from: key, to: name });
    if (!needs.includes("$all")) continue;
    for (const other of active) if (other !== item) connect(graph, { from: name, to: other.script.name });
  }
  const loop = setLevels(graph, active);
  if (loop !== undefined) return { numbers: new Map(), after: new Map(), loop };
  closeGaps(graph, active);
  return result(graph, active);
}

function providers(placed: readonly PlacedScript[]): Map<string, PlacedScript> {
  const names = new Map<string, PlacedScript>();
  for (const item of placed) for (const name of item.script.provides) if (!names.has(name)) names.set(name, item);
  return names;
}

function point(graph: Graph, name: string, placed?: PlacedScript): Point {
  const known = graph.get(name);
  if (known !== undefined && (known.placed !== undefined || placed === undefined)) return known;
  const made: Point = { placed, before: known?.before ?? new Set(), level: 0 };
  graph.set(name, made);
  return made;
}

function connect(graph: Graph, edge: { readonly from: string; readonly to: string }): void {
  point(graph, edge.from);
  point(graph, edge.to).before.add(edge.from);
}

/** Longest paths. A name without script and without predecessor stands before the first slot. */
function setLevels(graph: Graph, active: readonly PlacedScript[]): [string, string] | undefined {
  const open = new Set<string>();
  const done = new Set<string>();
  const visit = (name: string): [string, string] | undefined => {
    if (done.has(name)) return undefined;
    open.add(name);
    const here = graph.get(name)!;
    let level = here.placed === undefined && here.before.size === 0 ? 0 : 1;
    for (const other of here.before) {
      if (open.has(other)) return [name, other];
      const loop = visit(other);
      if (loop !== undefined) return loop;
      level = Math.max(level, graph.get(other)!.level + 1);
    }
    here.level = level;
    open.delete(name);
    done.add(name);
    return undefined;
  };
  for (const name of [...active.map(({ script }) => script.name), ...graph.keys()]) {
    const loop = visit(name);
    if (loop !== undefined) return loop;
  }
  return undefined;
}

function closeGaps(graph: Graph, active: readonly PlacedScript[]): void {
  const used = [...new Set(active.map(({ script }) => graph.get(script.name)!.level))].sort((a, b) => a - b);
  for (const { script } of active) {
    const here = graph.get(script.name)!;
    here.level = used.indexOf(here.level) + 1;
  }
}

function separateInteractive(graph: Graph, active: readonly PlacedScript[], facilities: Facilities): void {
  const isInteractive = ({ script }: PlacedScript): boolean =>
    script.interactive || script.provides.some((name) => facilities.interactive.has(name));
  const levelOf = (item: PlacedScript): number => graph.get(item.script.name)!.level;
  const followers = new Map<string, string[]>();
  for (const [name, { before }] of graph)
    for (const other of before) followers.set(other, [...(followers.get(other) ?? []), name]);
  const push = (name: string, level: number): void => {
    const here = graph.get(name)!;
    if (here.level >= level) return;
    here.level = level;
    for (const follower of followers.get(name) ?? []) push(follower, level + 1);
  };
  for (let level = 1; level <= Math.max(0, ...active.map(levelOf)); level++) {
    const here = active.filter((item) => levelOf(item) === level);
    for (const alone of here.filter(isInteractive)) {
      if (levelOf(alone) !== level) continue;
      for (const other of here) {
        if (other !== alone && other.start.some((one) => alone.start.includes(one))) push(other.script.name, level + 1);
      }
    }
  }
}

function result(graph: Graph, active: readonly PlacedScript[]): ScriptOrder {
  const numbers = new Map<string, number>();
  const after = new Map<string, readonly string[]>();
  const names = new Set(active.map(({ script }) => script.name));
  for (const { script } of active) {
    const { level, before } = graph.get(script.name)!;
    numbers.set(script.name, level);
    after.set(script.name, [...before].filter((name) => names.has(name)).sort());
  }
  return { numbers, after };
}
