import {
  type Expression,
  type FunctionBody,
  type FunctionDefinition,
  four,
  i32,
  type Lanes,
  one,
} from '@espalier/simd';
import { eachPlace, walk } from './place-loop.ts';

/** Kernels that move values, or choose the largest; names end in the lanes, and `groups` counts groups of them. */
export const layoutKernels = {
  copy4: move(four, (from) => from),
  copy1: move(one, (from) => from),
  addRuns: move(four, (from, to) => four.add(from, to())),
  transpose,
  largest4: largest(four),
  largest1: largest(one),
  largestGradient4: largestGradient(four),
  largestGradient1: largestGradient(one),
} satisfies Record<string, FunctionDefinition>;

/** Writes runs of values from one box of `images * height * width` places to another; steps are in bytes. */
function move<F extends 'f32' | 'v128'>(
  lanes: Lanes<F>,
  combine: (from: Expression<F>, to: () => Expression<F>) => Expression<F>,
): FunctionDefinition {
  return (body) => {
    const at = body.integers(
      'source',
      'target',
      'images',
      'height',
      'width',
      'sourceImage',
      'sourceRow',
      'sourceStep',
      'targetImage',
      'targetRow',
      'targetStep',
      'groups',
    );
    const source = walk(body, at.source, [at.sourceImage, at.sourceRow, at.sourceStep]);
    const target = walk(body, at.target, [at.targetImage, at.targetRow, at.targetStep]);
    const [from, to] = [body.local(at.source), body.local(at.target)];
    eachPlace(body, at, [source, target], () => {
      body.set(from, source.place);
      body.set(to, target.place);
      body.repeat(at.groups, () => {
        lanes.store(
          body,
          to,
          combine(lanes.load(from), () => lanes.load(to)),
        );
        for (const address of [from, to]) body.advance(address, 4 * lanes.count);
      });
    });
  };
}

/** `[rows, columns]` to `[columns, rows]`; the steps lead from row to row of each, in bytes. */
function transpose(body: FunctionBody): void {
  const at = body.integers('source', 'target', 'rows', 'columns', 'sourceStep', 'targetStep');
  const [from, to] = [body.local(at.source), body.local(at.target)];
  body.repeat(at.columns, () => {
    body.set(from, at.source);
    body.set(to, at.target);
    body.repeat(at.rows, () => {
      one.store(body, to, one.load(from));
      body.advance(from, at.sourceStep);
      body.advance(to, 4);
    });
    body.advance(at.source, 4);
    body.advance(at.target, at.targetStep);
  });
}

/** y = the largest x of one window of `height * width` places; x moves by `row` and `step` bytes. */
function largest<F extends 'f32' | 'v128'>(lanes: Lanes<F>): FunctionDefinition {
  return (body) => {
    const at = body.integers('x', 'y', 'height', 'width', 'row', 'step', 'groups');
    const [row, x] = [body.local(at.x), body.local(at.x)];
    const most = body.local(lanes.zero());
    body.repeat(at.groups, () => {
      body.set(most, lanes.load(at.x));
      body.set(row, at.x);
      body.repeat(at.height, () => {
        body.set(x, row);
        body.repeat(at.width, () => {
          body.set(most, lanes.largest(most, lanes.load(x)));
          body.advance(x, at.step);
        });
        body.advance(row, at.row);
      });
      lanes.store(body, at.y, most);
      for (const address of [at.x, at.y]) body.advance(address, 4 * lanes.count);
    });
  };
}

/** dx += dy at the first place of the window where x equals y. */
function largestGradient<F extends 'f32' | 'v128', M extends 'i32' | 'v128'>(
  lanes: Lanes<F, 'f64' | 'v128', M>,
): FunctionDefinition {
  return (body) => {
    const at = body.integers('x', 'y', 'dy', 'dx', 'height', 'width', 'row', 'step', 'groups');
    const [row, offset] = [body.local(i32.constant(0)), body.local(i32.constant(0))];
    const here = body.local(lanes.nowhere());
    const found = body.local(lanes.nowhere());
    body.repeat(at.groups, () => {
      body.set(found, lanes.nowhere());
      body.set(row, i32.constant(0));
      body.repeat(at.height, () => {
        body.set(offset, row);
        body.repeat(at.width, () => {
          const dx = i32.add(at.dx, offset);
          body.set(here, lanes.without(lanes.equal(lanes.load(i32.add(at.x, offset)), lanes.load(at.y)), found));
          body.set(found, lanes.either(found, here));
          lanes.store(body, dx, lanes.add(lanes.load(dx), lanes.keep(here, lanes.load(at.dy))));
          body.advance(offset, at.step);
        });
        body.advance(row, at.row);
      });
      for (const address of [at.x, at.y, at.dy, at.dx]) body.advance(address, 4 * lanes.count);
    });
  };
}
