// The three names that readable-stream (below simple-peer) wants of Node's `util`.
import inherits from 'inherits';

const inspect = (value: unknown): string => String(value);
const debuglog = () => () => {};

export { debuglog, inherits, inspect };
export default { debuglog, inherits, inspect };
