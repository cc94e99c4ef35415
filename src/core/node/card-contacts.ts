// What first contact means for the list of contacts: the writes that pairing commits together with the state of the card.
import { equalBytes } from '../bytes/bytes.ts';
import type { Agreed, Candidate, Commit, ContactBook as PairingContacts } from '../pairing/contact-book.ts';
import type { Promised, PromisedIntroduction } from '../pairing/promise.ts';
import type { Way } from '../pairing/way.ts';
import type { Contact, ContactBook, Standing } from './contact-book.ts';
import { isTombstone } from './standing.ts';

export interface CardContactsEvents {
  /** On the disk: new, or with new keys or standing. */
  changed(contact: Contact): void;
}

export class CardContacts implements PairingContacts {
  constructor(
    private readonly book: ContactBook,
    private readonly events: CardContactsEvents,
  ) {}

  taken(candidate: Candidate, way: Way, commit: Commit): Promise<void> {
    return this.change(candidate.fingerprint, commit, (known) => {
      // I compared their whole fingerprint with a card they gave me: that is what verified means.
      const trusted = trustIn(known, { verified: way === 'card', way });
      if (!known) return this.fresh(candidate, { ...trusted, mine: 'accepted', theirs: 'waiting' });
      const theirs = known.theirs === 'accepted' && known.mine !== 'removed' ? 'accepted' : 'waiting';
      return { ...this.renew(known, candidate), ...trusted, mine: 'accepted', theirs, told: false };
    });
  }

  answered(fingerprint: Uint8Array, answer: 'accepted' | 'refused', commit: Commit): Promise<void> {
    return this.change(fingerprint, commit, (known) => {
      if (!known) return undefined;
      if (answer === 'accepted') return { ...known, theirs: 'accepted' };
      // A renewal that is refused leaves what was before.
      if (known.theirs === 'accepted' && known.secrets.length > 1) {
        return { ...known, secrets: known.secrets.slice(1) };
      }
      return { ...known, theirs: 'declined' };
    });
  }

  accepted(candidate: Candidate, how: Agreed, commit: Commit): Promise<void> {
    return this.change(candidate.fingerprint, commit, (known) => {
      const trusted = trustIn(known, how);
      if (!known) return this.fresh(candidate, { ...trusted, mine: 'accepted', theirs: 'accepted' });
      return { ...this.renew(known, candidate), ...trusted, mine: 'accepted', theirs: 'accepted', told: false };
    });
  }

  refused(candidate: Candidate, commit: Commit): Promise<void> {
    return this.change(candidate.fingerprint, commit, (known) =>
      // Somebody in my list stays there: what I refused is the renewal.
      known ? undefined : this.fresh(candidate, { trust: 'unverified', mine: 'declined', theirs: 'accepted' }),
    );
  }

  renewed(candidate: Candidate, commit: Commit): Promise<void> {
    return this.change(candidate.fingerprint, commit, (known) => known && this.renew(known, candidate));
  }

  agreed(fingerprint: Uint8Array, commit: Commit): Promise<void> {
    return this.change(fingerprint, commit, (known) =>
      known ? { ...known, ...friends, told: false } : this.book.fresh({ fingerprint, name: '' }, [], friends),
    );
  }

  met(
    candidate: Candidate,
    { agreed, introduction }: Pick<Promised, 'agreed' | 'introduction'>,
    commit: Commit,
  ): Promise<void> {
    const standing = introduction ? introducedBy(introduction) : friends;
    return this.change(candidate.fingerprint, commit, (known) => {
      // Whoever was removed and forgotten before we met is met to be told so.
      if (!known) return this.fresh(candidate, agreed ? { ...standing, mine: 'removed' } : standing);
      const renewed = this.renew(known, candidate);
      if (agreed) return renewed;
      return introduction ? afterIntroduction(renewed, standing) : { ...renewed, ...standing, told: false };
    });
  }

  private fresh(candidate: Candidate, standing: Standing): Contact {
    return this.book.fresh(candidate, [candidate.pairSecret], standing);
  }

  private renew(known: Contact, candidate: Candidate): Contact {
    const renewed = { ...this.book.withSecret(known, candidate.pairSecret), bundle: candidate.bundle };
    return candidate.name === '' ? renewed : { ...renewed, theirName: candidate.name };
  }

  private async change(
    fingerprint: Uint8Array,
    commit: Commit,
    decide: (known: Contact | undefined) => Contact | undefined,
  ): Promise<void> {
    const changed = await this.book.commitWith(fingerprint, commit, decide);
    if (changed) this.events.changed(changed);
  }
}

/** What I have checked once stays checked, however they come again: keys of a contact never change. */
function trustIn(known: Contact | undefined, { verified, way }: Agreed): Pick<Contact, 'trust' | 'way'> {
  return { trust: verified ? 'verified' : (known?.trust ?? 'unverified'), way };
}

/** Where two stand who have compared their codes. */
const friends: Standing = { trust: 'verified', mine: 'accepted', theirs: 'accepted' };

/** Where two stand who both said yes to an introduction. */
const introducedBy = ({ by, name }: PromisedIntroduction): Standing => ({
  trust: 'introduced',
  introducedBy: { contactId: by, name },
  mine: 'accepted',
  theirs: 'accepted',
});

/** Somebody's word changes nothing about whom I know: neither what I have checked, nor that I block them. */
function afterIntroduction(known: Contact, standing: Standing): Contact {
  if (known.mine === 'blocked') return known;
  return isTombstone(known)
    ? { ...known, ...standing, told: false }
    : { ...known, theirs: standing.theirs, told: false };
}

/** The contact without the secrets older than the one that both sides have now proven to know. */
export function withProvenSecret(contact: Contact, secret: Uint8Array): Contact {
  const index = contact.secrets.findIndex((one) => equalBytes(one, secret));
  return index >= 0 && index < contact.secrets.length - 1
    ? { ...contact, secrets: contact.secrets.slice(0, index + 1) }
    : contact;
}
