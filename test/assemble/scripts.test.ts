/** The recipe's own scripts: what they see, and that $SRCDIR is read-only by whatever way it is written to. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { errorOf, openScene, type Scene, writeFiles } from "./image-fixture.js";

vi.setConfig({ testTimeout: 300_000 });

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
  writeFiles(scene.directory, { "conf/app": "one\n", "conf/more/deep": "two\n" });
});

const build = (text: string) => {
  writeFiles(scene.directory, { post: `#!/bin/sh\nset -e\n${text}\n` });
  return scene.build({ input: { scripts: { postinst: ["post"] } }, formats: ["tar"] });
};

describe("a script of the recipe", () => {
  it("reads $SRCDIR, where it starts, and writes $BUILDROOT and $OUTPUTDIR", async () => {
    const { paths } = await build(
      '[ "$PWD" = "$SRCDIR" ]\n[ "$(cat conf/app)" = one ]\ncp -r conf "$BUILDROOT/etc/conf"\necho more >> "$BUILDROOT/etc/conf/app"\n' +
        '[ "$(cat "$BUILDROOT/etc/conf/app")" = "one\nmore" ]\n[ "$(cat conf/app)" = one ]\necho x > "$OUTPUTDIR/x"\nchmod 600 "$BUILDROOT/etc/conf/app"',
    );
    expect(paths).toEqual(expect.arrayContaining(["/etc/conf/app", "/etc/conf/more/deep"]));
  });

  it("cannot write to $SRCDIR, in any way that it may try", async () => {
    const ways = [
      'echo x > "$SRCDIR/new"',
      'echo x > "$SRCDIR/conf/app"',
      'echo x >> "$SRCDIR/conf/more/deep"',
      ': > "$SRCDIR/conf/app"',
      'mkdir "$SRCDIR/d"',
      'touch "$SRCDIR/t"',
      'touch "$SRCDIR/conf/app"',
      'rm "$SRCDIR/conf/app"',
      'rm -rf "$SRCDIR/conf"',
      'mv "$SRCDIR/conf/app" "$BUILDROOT/etc/app"',
      'mv "$BUILDROOT/etc/issue" "$SRCDIR/issue"',
      'cp "$BUILDROOT/etc/issue" "$SRCDIR/conf/app"',
      'ln -s x "$SRCDIR/link"',
      'ln "$SRCDIR/conf/app" "$BUILDROOT/etc/app"',
      'chmod 600 "$SRCDIR/conf/app"',
      'chown 1:1 "$SRCDIR/conf/app"',
      'sed -i s/one/two/ "$SRCDIR/conf/app"',
      'truncate -s 0 "$SRCDIR/conf/app"',
    ];
    // Each is an error that names the reason; none takes the script down, and nothing changes.
    const lines = ways.map(
      (way, i) =>
        `if (${way}) 2> /tmp/said; then bad="$bad ${i} succeeded;"; fi\n` +
        `grep -q 'Read-only file system' /tmp/said || bad="$bad ${i} said $(cat /tmp/said);"`,
    );
    const state =
      'find "$SRCDIR" -printf "%p %m %U %s\\n" | sort; cat "$SRCDIR/conf/app"; test -e "$BUILDROOT/etc/issue"';
    const text = `before=$(${state})\nbad=\n${lines.join("\n")}\n[ "$before" = "$(${state})" ] || bad="$bad changed"`;
    await build(`${text}\n[ -z "$bad" ] || { echo "$bad" >&2; exit 1; }`);
  });

  it("that writes to $SRCDIR under set -e ends the build", async () => {
    const error = await errorOf(build('echo x > "$SRCDIR/new"'));
    expect([error.code, error.exit]).toEqual(["script/failed", 1]);
    expect(error.text).toMatch(/Cannot run post: .*Read-only file system/);
  });
});
