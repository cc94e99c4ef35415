// The overlay whole, as a browser bundles it.
import { describe } from 'vitest';
import { overlaySuite } from './overlay-suite.ts';

describe('the overlay', overlaySuite);
