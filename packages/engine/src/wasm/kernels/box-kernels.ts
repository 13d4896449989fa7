import {
  type Expression,
  type FunctionBody,
  type FunctionDefinition,
  four,
  type Lanes,
  type Local,
  one,
} from '@espalier/simd';
import { eachPlace, type Walk, walk } from './place-loop.ts';

/**
 * Kernels over tensors that lie in boxes of `images * height * width` places, each with a run of `groups` groups of lanes at every
 * place. Steps between places are in bytes and may be 0: then values are met again and again. Names end in the lanes.
 */
export const boxKernels = {
  plus4: combine(four, 'run', (a, b) => four.add(a, b)),
  plus1: combine(one, 'run', (a, b) => one.add(a, b)),
  plusOne4: combine(four, 'one', (a, b) => four.add(a, b)),
  plusOne1: combine(one, 'one', (a, b) => one.add(a, b)),
  times4: combine(four, 'run', (a, b) => four.multiply(a, b)),
  times1: combine(one, 'run', (a, b) => one.multiply(a, b)),
  timesOne4: combine(four, 'one', (a, b) => four.multiply(a, b)),
  timesOne1: combine(one, 'one', (a, b) => one.multiply(a, b)),
  addProducts4: addProducts(four),
  addProducts1: addProducts(one),
  sumProducts4: sumProducts(four),
  sumProducts1: sumProducts(one),
  sumRuns4: sumRuns(four),
  sumRuns1: sumRuns(one),
  sumEach,
} satisfies Record<string, FunctionDefinition>;

type Float = 'f32' | 'v128';
type Double = 'f64' | 'v128';

/** y = compute(a, b); b has a run, or one value, at each place. */
function combine<F extends Float>(
  lanes: Lanes<F>,
  second: 'run' | 'one',
  compute: (a: Expression<F>, b: Expression<F>) => Expression<F>,
): FunctionDefinition {
  return (body) => {
    eachRun(body, ({ a, b, y }, groups) => {
      body.repeat(groups, () => {
        lanes.store(body, y, compute(lanes.load(a), second === 'run' ? lanes.load(b) : lanes.splat(b)));
        for (const address of second === 'run' ? [a, b, y] : [a, y]) body.advance(address, 4 * lanes.count);
      });
    });
  };
}

/** y += a b, place after place, so that the runs of y may be the same. */
function addProducts<F extends Float>(lanes: Lanes<F>): FunctionDefinition {
  return (body) => {
    eachRun(body, ({ a, b, y }, groups) => {
      body.repeat(groups, () => {
        lanes.store(body, y, lanes.add(lanes.load(y), lanes.multiply(lanes.load(a), lanes.load(b))));
        for (const address of [a, b, y]) body.advance(address, 4 * lanes.count);
      });
    });
  };
}

/** y, which is float64, += a b: exact products. */
function sumProducts<F extends Float, D extends Double>(lanes: Lanes<F, D>): FunctionDefinition {
  return (body) => {
    eachRun(
      body,
      ({ a, b, y }, groups, [left, right]) => {
        body.repeat(groups, () => {
          body.set(left!, lanes.load(a));
          body.set(right!, lanes.load(b));
          const others = lanes.widen(right!);
          const products = lanes.widen(left!).map((double, i) => lanes.multiplyDoubles(double, others[i]!));
          lanes.accumulate(body, y, products);
          for (const address of [a, b]) body.advance(address, 4 * lanes.count);
          body.advance(y, 8 * lanes.count);
        });
      },
      () => [body.local(lanes.zero()), body.local(lanes.zero())],
    );
  };
}

/** y, which is float64, += a. */
function sumRuns<F extends Float, D extends Double>(lanes: Lanes<F, D>): FunctionDefinition {
  return (body) => {
    eachRun(
      body,
      ({ a, y }, groups, [value]) => {
        body.repeat(groups, () => {
          body.set(value!, lanes.load(a));
          lanes.accumulate(body, y, lanes.widen(value!));
          body.advance(a, 4 * lanes.count);
          body.advance(y, 8 * lanes.count);
        });
      },
      () => [body.local(lanes.zero())],
    );
  };
}

/** y, one float64 at each place, += every value of the run of a. */
function sumEach(body: FunctionBody): void {
  eachRun(
    body,
    ({ a, y }, groups, [value]) => {
      body.repeat(groups, () => {
        body.set(value!, one.load(a));
        one.accumulate(body, y, one.widen(value!));
        body.advance(a, 4);
      });
    },
    () => [body.local(one.zero())],
  );
}

type Addresses = Readonly<Record<'a' | 'b' | 'y', Local<'i32'>>>;

/** Loops over the places of the three boxes; the addresses start at the runs there, and may be moved. */
function eachRun<L extends Local = never>(
  body: FunctionBody,
  compute: (run: Addresses, groups: Local<'i32'>, locals: readonly L[]) => void,
  locals: () => readonly L[] = () => [],
): void {
  const box = body.integers('a', 'b', 'y', 'images', 'height', 'width');
  const steps = (): Walk['steps'] => {
    const { image, row, place } = body.integers('image', 'row', 'place');
    return [image, row, place];
  };
  const stepsOf = { a: steps(), b: steps(), y: steps() };
  const { groups } = body.integers('groups');
  const own = locals();
  const walks = [walk(body, box.a, stepsOf.a), walk(body, box.b, stepsOf.b), walk(body, box.y, stepsOf.y)] as const;
  const run = { a: body.local(box.a), b: body.local(box.b), y: body.local(box.y) };
  eachPlace(body, box, walks, () => {
    body.set(run.a, walks[0].place);
    body.set(run.b, walks[1].place);
    body.set(run.y, walks[2].place);
    compute(run, groups, own);
  });
}
