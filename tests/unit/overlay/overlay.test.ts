// The overlay whole, in Node.
import { describe } from 'vitest';
import { overlaySuite } from './overlay-suite.ts';

describe('the overlay', overlaySuite);
