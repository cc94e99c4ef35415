// What first contact means for the list of contacts: the writes that pairing commits together with the state of the card.
import { equalBytes } from '../bytes/bytes.ts';
import type { Candidate, Change, ContactBook as PairingContacts } from '../pairing/contact-book.ts';
import type { Contact, ContactBook } from './contact-book.ts';

export interface CardContactsEvents {
  /** On the disk: new, or with new keys or standing. */
  changed(contact: Contact, isNew: boolean): void;
}

export class CardContacts implements PairingContacts {
  constructor(
    private readonly book: ContactBook,
    private readonly events: CardContactsEvents,
  ) {}

  taken(candidate: Candidate): Change {
    const known = this.book.byFingerprint(candidate.fingerprint);
    // I compared their whole fingerprint with a card they gave me: that is what verified means.
    if (!known)
      return this.change(this.fresh(candidate, { trust: 'verified', mine: 'accepted', theirs: 'waiting' }), true);
    const theirs = known.theirs === 'accepted' && known.mine !== 'removed' ? 'accepted' : 'waiting';
    return this.change({ ...this.renew(known, candidate), trust: 'verified', mine: 'accepted', theirs, told: false });
  }

  answered(fingerprint: Uint8Array, answer: 'accepted' | 'refused'): Change {
    const known = this.book.byFingerprint(fingerprint);
    if (!known) return { writes: [], committed: () => {} };
    if (answer === 'accepted') return this.change({ ...known, theirs: 'accepted' });
    // A renewal that is refused leaves what was before.
    if (known.theirs === 'accepted' && known.secrets.length > 1) {
      return this.change({ ...known, secrets: known.secrets.slice(1) });
    }
    return this.change({ ...known, theirs: 'declined' });
  }

  accepted(candidate: Candidate, verified: boolean): Change {
    const known = this.book.byFingerprint(candidate.fingerprint);
    const trust = verified || known?.trust === 'verified' ? 'verified' : 'unverified';
    if (!known) return this.change(this.fresh(candidate, { trust, mine: 'accepted', theirs: 'accepted' }), true);
    return this.change({ ...this.renew(known, candidate), trust, mine: 'accepted', theirs: 'accepted', told: false });
  }

  refused(candidate: Candidate): Change {
    // Somebody in my list stays there: what I refused is the renewal.
    if (this.book.byFingerprint(candidate.fingerprint)) return { writes: [], committed: () => {} };
    return this.change(this.fresh(candidate, { trust: 'unverified', mine: 'declined', theirs: 'accepted' }), true);
  }

  renewed(candidate: Candidate): Change {
    const known = this.book.byFingerprint(candidate.fingerprint);
    return known ? this.change(this.renew(known, candidate)) : { writes: [], committed: () => {} };
  }

  private fresh(candidate: Candidate, standing: Pick<Contact, 'trust' | 'mine' | 'theirs'>): Contact {
    return this.book.fresh(candidate, candidate.pairSecret, standing);
  }

  private renew(known: Contact, candidate: Candidate): Contact {
    const renewed = this.book.withSecret(known, candidate.pairSecret);
    return candidate.name === '' ? renewed : { ...renewed, theirName: candidate.name };
  }

  private change(contact: Contact, isNew = false): Change {
    return {
      writes: [this.book.write(contact)],
      committed: () => {
        this.book.adopt(contact);
        this.events.changed(contact, isNew);
      },
    };
  }
}

/** The contact without the secrets older than the one that both sides have now proven to know. */
export function withProvenSecret(contact: Contact, secret: Uint8Array): Contact {
  const index = contact.secrets.findIndex((one) => equalBytes(one, secret));
  return index >= 0 && index < contact.secrets.length - 1
    ? { ...contact, secrets: contact.secrets.slice(0, index + 1) }
    : contact;
}
