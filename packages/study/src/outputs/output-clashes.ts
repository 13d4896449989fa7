import { shown } from '../text/problems.ts';
import { foldedPath, longestName, longestPath, nameBytes, pathProblem } from './output-names.ts';
import { type Claim, recordFiles } from './output-paths.ts';

/** Says of each claim why it cannot be written beside those before it; undefined where it can. */
export function clashFinder(): (claim: Claim) => string | undefined {
  const claimed = new Map<string, Claim>();
  // Folders that claims lie in, each with one of those.
  const folders = new Map<string, Claim>();
  return (claim) => {
    const path = foldedPath(claim.path);
    const above = foldersOf(path);
    const other = claimed.get(path) ?? above.map((folder) => claimed.get(folder)).find(Boolean) ?? folders.get(path);
    claimed.set(path, claim);
    for (const folder of above) folders.set(folder, claim);
    return tooLong(claim) ?? recordProblem(path) ?? (other && together(claim, other));
  };
}

/** `a` and `a/b` for `a/b/c`. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

// The name that was written in the study has been looked at: what is too long here was made from labels.
function tooLong({ path }: Claim): string | undefined {
  if (pathProblem(path) === undefined) return undefined;
  const longest = Math.max(...path.split('/').map(nameBytes));
  const found =
    longest > longestName
      ? `a name of ${longest} bytes; a file's name may have ${longestName}`
      : `a path of ${nameBytes(path)} bytes; it may have ${longestPath}`;
  return `It would write ${shown(path)}, ${found}. Give the values of its axes a shorter "label".`;
}

function recordProblem(path: string): string | undefined {
  const [first] = path.split('/');
  const record = recordFiles.find((file) => file === first);
  return record && `A run keeps a file ${record} of its own beside its outputs. Choose another name.`;
}

function together(claim: Claim, other: Claim): string {
  const [a, b] = [foldedPath(claim.path), foldedPath(other.path)];
  const remedy =
    claim.output === other.output
      ? 'Give one of these labels another "label".'
      : 'Choose another name for one of them.';
  const who =
    claim.output === other.output ? 'It would write' : `Beside the output ${shown(other.output)} it would write`;
  if (a !== b) {
    const [folder, file] = a.length < b.length ? [claim, other] : [other, claim];
    const taken = folder.isFolder ? 'which takes files of any name' : 'which is a file';
    return `${who} ${shown(file.path)} below ${shown(folder.path)}, ${taken}. ${remedy}`;
  }
  if (claim.path === other.path) return `${who} ${shown(claim.path)} a second time. ${remedy}`;
  const names = `${shown(other.path)} and ${shown(claim.path)}`;
  return `${who} both ${names}, which are one file where upper and lower case are not told apart. ${remedy}`;
}
