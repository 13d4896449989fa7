/** Choices as data: each by its option's name. */
export type Settings = Readonly<Record<string, string | number | boolean | null>>;

/** How something was computed: by which method, with which choices, and from what. */
export interface Label {
  /** The method as people call it, for example `Integrated Gradients`. */
  readonly name: string;
  /** Versioned set of choices: `corrected`, `quantus-0.5.3`. */
  readonly preset: string;
  /** What was changed in the preset, of all that changes a number. */
  readonly changes: Settings;
  /** Labels of what it was computed from, by input: of a Gini index, that of the `attributions`. */
  readonly of: Readonly<Record<string, Label>>;
}

/** What a plugin made, with the label that whoever asked it adds. */
export type Labelled<Made> = Made & { readonly label: Label };
