import type { Source } from '../axes/expand.ts';

/** A file that a study asks for, and where it comes from. */
export interface PlannedOutput {
  /** Relative path under the output folder, with `/` between folders; a folder when there are several sources. */
  readonly path: string;
  readonly sources: readonly (Source & { readonly id: string })[];
  /** Which of the files of an artifact of the kind `files`. */
  readonly file: string | undefined;
  /** Folder of the files that belong to it, such as the pictures of a page: it goes beside it. */
  readonly beside?: string | undefined;
  /** What it will write, as far as that is known before: a folder where a reporter's files have no names yet. */
  readonly paths: readonly string[];
}
