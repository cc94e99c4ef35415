// The window of transfers between two, for each member that units are asked of.
import type { PeerWindow } from '../../../group/files/swarm.ts';
import { initialWindow, measured, unitsPerFrame } from '../../../transfer/window.ts';

export function pathWindow(): PeerWindow {
  let state = initialWindow;
  return {
    get units() {
      return state.units;
    },
    get perRequest() {
      return unitsPerFrame(state);
    },
    measured: (units, milliseconds) => {
      state = measured(state, units, milliseconds);
    },
  };
}
