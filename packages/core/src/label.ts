/** Choices as data: each by its option's name. */
export type Settings = Readonly<Record<string, string | number | boolean | null>>;

/** How something was computed: by which method, with which choices, and from what. Derived (`labelOf`), never written by hand. */
export interface Label {
  /** The method as people call it, for example `Integrated Gradients`. */
  readonly name: string;
  /** Versioned set of choices: `corrected`, `quantus-0.5.3`. */
  readonly preset: string;
  /** Whether that is the preset which is taken where a study names none. */
  readonly isDefault: boolean;
  /** What was changed in the preset, of all that changes a number. */
  readonly changes: Settings;
  /** All choices in force that change a number. */
  readonly settings: Settings;
  /** Labels of what it was computed from, by input: of a Gini index, that of the `attributions`. */
  readonly of: Readonly<Record<string, Label>>;
}

/** What a plugin made, with the label that whoever asked it adds. */
export type Labelled<Made> = Made & {
  readonly label: Label;
  /** The label in one text, without that of models: results whose texts differ are never compared or averaged. */
  readonly preset: string;
};

/** `made` with its label. */
export function labelled<Made>(made: Made, label: Label): Labelled<Made> {
  return { ...made, label, preset: labelText(label, ['model']) };
}

/**
 * A label in one text: the preset, what was changed in it, and what it was computed from where that is not a default in turn.
 * `corrected (noise=0) of quantus-0.5.3 attributions`
 *
 * @param without inputs that the text does not tell
 */
export function labelText(label: Label, without: readonly string[] = []): string {
  const from = [...new Set(sourcesOf(label, without))];
  return from.length === 0 ? ownText(label) : `${ownText(label)} of ${from.join(' and ')}`;
}

function ownText({ preset, changes }: Label): string {
  const changed = Object.entries(changes).map(([name, value]) => `${name}=${value}`);
  return changed.length === 0 ? preset : `${preset} (${changed.join('; ')})`;
}

/** What stands out of all that something was computed from. */
function sourcesOf({ of }: Label, without: readonly string[]): readonly string[] {
  return Object.entries(of).flatMap(([input, label]) => {
    if (without.includes(input)) return [];
    const isPlain = label.isDefault && Object.keys(label.changes).length === 0;
    const words = input.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`); // `null concepts`
    const own = isPlain ? [] : [`${ownText(label)} ${words}`];
    return [...own, ...sourcesOf(label, without)];
  });
}
