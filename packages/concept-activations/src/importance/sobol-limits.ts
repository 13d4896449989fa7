import * as z from 'zod';
import { sobolDimensions } from './sobol-points.ts';

/** Concepts of one bank, at most: a pair of Sobol dimensions for each. */
export const maxConcepts = sobolDimensions / 2;

/** How many masks; a Sobol set of so many is balanced. */
export const powerOfTwo = z.literal([16, 32, 64, 128, 256, 512, 1024, 2048, 4096]);
