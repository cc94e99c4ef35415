// The project's own vectors in Node.
import { ownVectorSuite } from './own-suite.ts';

ownVectorSuite('Node');
