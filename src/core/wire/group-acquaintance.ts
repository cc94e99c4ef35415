// What members of a group who are no contacts say to each other to become contacts (core/node/groups/GROUPS.md). All that comes of it
// is a card.
import * as v from 'valibot';
import { bytesOf } from './cbor.ts';
import { groupField } from './group-message.ts';

/** I should like to be a contact of yours: give me a card. */
export const contactAskSchema = v.strictObject({ type: v.literal('contact-ask'), group: groupField });

/** Take this card of mine; it is for you alone. `secret` as on any card. */
export const contactCardSchema = v.strictObject({
  type: v.literal('contact-card'),
  group: groupField,
  secret: bytesOf(16),
});

export const contactRefusals = ['busy', 'refused'] as const;

/** busy: others wait for my answer; later, perhaps. refused: I have said no not long ago. */
export const contactNoSchema = v.strictObject({
  type: v.literal('contact-no'),
  group: groupField,
  why: v.picklist(contactRefusals),
});

export const acquaintanceSchema = v.variant('type', [contactAskSchema, contactCardSchema, contactNoSchema]);

export type Acquaintance = v.InferOutput<typeof acquaintanceSchema>;
