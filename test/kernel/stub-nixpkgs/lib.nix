# The functions of nixpkgs' lib that kernel/ uses, with their documented meaning.
rec {
  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  assertMsg = condition: message: if condition then true else throw message;
  versions.major = version: builtins.head (builtins.splitVersion version);
  versionAtLeast = a: b: builtins.compareVersions a b >= 0;
  concatMapStringsSep =
    separator: function: list:
    builtins.concatStringsSep separator (map function list);
  hasSuffix =
    suffix: text:
    let
      from = builtins.stringLength text - builtins.stringLength suffix;
    in
    from >= 0 && builtins.substring from (builtins.stringLength text) text == suffix;
  genAttrs =
    names: function:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = function name;
      }) names
    );
  licenses.gpl2Only = "GPL-2.0-only";
}
