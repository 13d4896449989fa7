import type { Label } from '../../label.ts';

/** The label of something that the method `name` made, with a preset that nothing was changed in. */
export function toyLabel(name: string, of: Label['of'] = {}): Label {
  return { name, preset: 'corrected', isDefault: true, changes: {}, settings: {}, of };
}
