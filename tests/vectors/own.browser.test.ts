// The project's own vectors in a real browser.
import { ownVectorSuite } from './own-suite.ts';

ownVectorSuite('Chromium');
