// The bench's page: what is measured between two pages without the screens of the app. Driven from run.ts; never part of dist.
import { People } from './people.ts';
import { RawChannel } from './raw.ts';
import { KithReunion, RawReunion } from './reunion.ts';
import { SealedPair } from './sealed.ts';

const lab = { RawChannel, SealedPair, KithReunion, RawReunion, People };

declare global {
  interface Window {
    lab: typeof lab;
    raw: RawChannel;
    sealed: SealedPair;
    reunion: KithReunion | RawReunion;
    people: People;
  }
}

window.lab = lab;
