// What an old Node is told by must be read by an old Node: no syntax and no module here that came after Node 6.

/** What to say to somebody who starts this with a Node that cannot run it; undefined where it can. */
function tooOld(version) {
  const parts = version.split('.').map(Number);
  const major = parts[0];
  const minor = parts[1];
  // The versions that take an ES module by `require`.
  if (major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) return undefined;
  return `Espalier needs Node 20.19, or 22.12 and later; this is Node ${version}. Install a newer one from https://nodejs.org, then run the command again.`;
}

exports.tooOld = tooOld;
