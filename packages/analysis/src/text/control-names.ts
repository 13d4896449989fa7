import type { MetricText } from './names.ts';

function text(short: string, meaning: string, asPercent = false): MetricText {
  return { title: short, short, meaning, curve: 'agreement', asPercent };
}

const orders = { 'top-down': 'from the output', 'bottom-up': 'from the input', independent: 'one at a time' } as const;
const ways = { '': 'ranks', '-signed': 'signed ranks', '-ssim': 'structural similarity' } as const;

const mprt = Object.entries(orders).flatMap(([order, words]) =>
  Object.entries(ways).map(([suffix, way]): [string, MetricText] => [
    `mprt-${order}${suffix}`,
    text(
      `Random layers, ${words}, ${way}`,
      'How much of a map is left when layers of the network are random: near 0 where the map depends on what was learned.',
    ),
  ]),
);

const logit = Object.entries(ways).map(([suffix, way]): [string, MetricText] => [
  `random-logit${suffix}`,
  text(
    `Random class, ${way}`,
    'How alike the maps of an image for its own class and for another one are: 1 where a map ignores the class.',
  ),
]);

/** Names of the scores of localisation and of the sanity checks, in the order of the page. */
export const controlMetrics: Readonly<Record<string, MetricText>> = {
  'pointing-game': text(
    'Pointing game',
    'Share of maps whose largest value lies in a known region; higher is better.',
    true,
  ),
  'relevance-mass': text(
    'Relevance mass',
    'Share of a map\u2019s sum that lies in the known regions; higher is better.',
  ),
  'relevance-rank': text(
    'Relevance rank',
    'Share of a map\u2019s largest values that lie in the known regions, of as many as these have pixels; higher is better.',
  ),
  'distractor-mass': text(
    'Relevance mass on distractors',
    'Share of a map\u2019s sum that lies on what only looks like evidence; lower is better.',
  ),
  'distractor-area': text('Area of the distractors', 'What a uniform map has on the distractors.'),
  'region-area': text('Area of the regions', 'What a uniform map scores on the pointing game, mass and rank.'),
  ...Object.fromEntries([...mprt, ...logit]),
};
