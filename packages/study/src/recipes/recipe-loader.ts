/** A recipe that was found, before anything of it is understood. */
export interface RecipeFile {
  /** The same for the same file, whatever it is called. */
  readonly id: string;
  /** The same wherever it is installed: `@espalier/recipes/prune-and-explain`, or its path from the study's folder. */
  readonly name: string;
  /** As errors call it. */
  readonly fileName: string;
  readonly source: string;
  /** Of the package that it is in; null for a file beside the study. */
  readonly version: string | null;
  /**
   * What the study calls a package that this recipe lists: its name, or a path that starts at the study's folder.
   *
   * @throws StudyError `study/invalid` where a recipe may not name it so
   */
  plugin(specifier: string): string;
  /** Finds a recipe that this one includes. */
  load(specifier: string): Promise<RecipeFile>;
}

/** Finds and reads recipes. */
export interface RecipeLoader {
  /**
   * @param specifier `<package>/<recipe>`, or a path that starts at `folder`
   * @throws StudyError `runner/recipe-not-found`; of `readRegularFile` where it cannot be read
   */
  load(specifier: string, folder: string): Promise<RecipeFile>;
}
