import type { OtherNames } from '@espalier/nn/architectures';

/** What timm, and with it DeiT and many others, calls the parts. */
const timm: readonly (readonly [torchvision: RegExp, timm: string])[] = [
  [/^class_token$/, 'cls_token'],
  [/^encoder\.pos_embedding$/, 'pos_embed'],
  [/^conv_proj\./, 'patch_embed.proj.'],
  [/^encoder\.layers\.encoder_layer_/, 'blocks.'],
  [/\.self_attention\.in_proj_/, '.attn.qkv.'],
  [/\.self_attention\.out_proj\./, '.attn.proj.'],
  [/\.ln_1\./, '.norm1.'],
  [/\.ln_2\./, '.norm2.'],
  [/\.mlp\.0\./, '.mlp.fc1.'],
  [/\.mlp\.3\./, '.mlp.fc2.'],
  [/^encoder\.ln\./, 'norm.'],
  [/^heads\.head\./, 'head.'],
];

/** What torchvision itself called them before 0.13, as its published files still do. */
const earlier: readonly (readonly [now: RegExp, then: string])[] = [
  [/\.mlp\.0\./, '.mlp.linear_1.'],
  [/\.mlp\.3\./, '.mlp.linear_2.'],
];

/** Other names under which files have the same parameters. */
export const otherNames: readonly OtherNames[] = [
  { of: 'timm', nameOf: (name) => renamed(name, timm) },
  { of: 'torchvision before 0.13', nameOf: (name) => renamed(name, earlier) },
];

function renamed(name: string, rules: typeof timm): string {
  return rules.reduce((text, [from, to]) => text.replace(from, to), name);
}
