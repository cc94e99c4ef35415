// Limits of the overlay, each with its unit and reason (OVERLAY.md). Everything a neighbour may make us keep or do has one.

/** The overlay's version, in its hello. */
export const OVERLAY_VERSION = 1;

// Links
/** Live links of a desktop's browser, and of a phone's. A browser allows 500 per page, closed ones counted. */
export const MAX_NEIGHBOURS = 32;
export const MAX_NEIGHBOURS_PHONE = 16;
/** Places that are always open to newcomers: without them a full neighbourhood lets nobody join. */
export const GUEST_PLACES = 4;
/** Share of the links that may be kept for contacts: the table's 20 and the guests' 4 of 32 leave as much. */
export const MAX_KEPT_SHARE = 0.25;
/** A guest stays at least so long, milliseconds: enough for a look-up and two dials. */
export const GUEST_STAY_MS = 3_000;
/** Links that have not said hello yet. */
export const MAX_GREETING = 16;
/** From open link to verified hello, milliseconds. */
export const HELLO_TIMEOUT_MS = 10_000;
/** Two links to one node count as simultaneous when the second comes within so many milliseconds; later the new one wins. */
export const SIMULTANEOUS_MS = 5_000;
/** Silence after which a neighbour is asked, and after which it is taken for gone, milliseconds (as in sessions). */
export const PING_AFTER_MS = 5_000;
export const DEAD_AFTER_MS = 15_000;
/**
 * Small frames (table, ping, pong, alias) of one neighbour: per second, and at once. An honest one sends a ping in 5 s, and when a
 * day begins an alias away and an alias more for 48 places.
 */
export const SMALL_FRAMES_PER_SECOND = 20;
export const SMALL_FRAMES_AT_ONCE = 256;
/** Malformed frames after which a link is closed. Versions to come may send a few that we do not know. */
export const MAX_STRIKES = 8;

// Packets
/** Links on a path. Look-ups need 3; 5 leave room for ways around. */
export const MAX_PATH_LINKS = 5;
/** Payload of one packet, bytes. */
export const MAX_PACKET_BYTES = 16_384;
/** Packets and their bytes that one neighbour may send us per second, to take or to pass on; twice as many at once. */
export const PACKETS_PER_SECOND = 400;
export const PACKET_BYTES_PER_SECOND = 524_288;
/** A neighbour that takes no more than this is slow: packets for it are dropped, bytes. */
export const MAX_LINK_BUFFER = 1_048_576;
/** Packets sent lately, kept to try another way, and for how long, milliseconds. */
export const MAX_SENT_KEPT = 256;
export const SENT_KEPT_MS = 4_000;
/** Ways tried for one packet. */
export const MAX_WAYS_TRIED = 3;

// Routes
/** Nodes to which ways are known: as many as 32 neighbours with 32 links each can have. */
export const MAX_ROUTES = 1_024;
/** Introducers remembered for one node. */
export const MAX_INTRODUCERS = 4;
/** Share of the known nodes, neighbours included, that one neighbour may have told us. Detox uses 20 %. */
export const MAX_SHARE_OF_ONE_PEER = 0.2;
/** What is allowed all the same: one answer's nodes, or a table that is empty would stay so. */
export const MIN_LEARNT_FROM_ONE_PEER = 8;
/** What fewer than five neighbours may tell together: 16 strangers that a look-up asks when it knows nobody else, and 8 of each twice over. */
export const NODES_FOR_JOINING = 256;

// Requests
/** Payload of a question or an answer, bytes: a packet without its header. */
export const MAX_REQUEST_BYTES = MAX_PACKET_BYTES - 64;
/** Until the second attempt, and until a question is given up, milliseconds. */
export const REQUEST_TRY_MS = 2_000;
export const REQUEST_TIMEOUT_MS = 4_000;
export const MAX_OPEN_REQUESTS = 256;
/** Questions of others being worked on, in all. */
export const MAX_WORKING = 64;
/** Of those, brought by one neighbour. */
export const MAX_WORKING_FOR_ONE = 16;
/** Answers kept for questions that come twice, and for how long, milliseconds. */
export const MAX_ANSWERS_KEPT = 256;
export const ANSWER_KEPT_MS = 8_000;

// Circuits
/** Largest cell with its header, bytes: small enough that others get their turn, large enough to cost little. */
export const MAX_CELL_BYTES = 32_768;
/** Bytes on their way in one direction of a circuit, unacknowledged: 5 MB/s at 100 ms there and back. */
export const CIRCUIT_WINDOW = 524_288;
/** Bytes that may wait in one circuit's link to be sent; more closes it, as with a data channel. */
export const MAX_CIRCUIT_BUFFER = 12_582_912;
export const MAX_CIRCUIT_PAYLOAD_BYTES = 4_096;
/** Circuits through or to us: in all, and of one neighbour. */
export const MAX_CIRCUITS = 128;
export const MAX_CIRCUITS_PER_NEIGHBOUR = 32;
/** Of these, at each neighbour, places that nothing carried for others takes: whoever fills us must not cut us off our contacts. */
export const OWN_CIRCUITS = 8;
/** For one way, milliseconds. */
export const CIRCUIT_OPEN_MS = 4_000;
/** Cells of one neighbour for circuits that are not (any more): per second, and at once. What was on its way when 8 circuits full of tiny cells ended. */
export const STRAY_CELLS_PER_SECOND = 1_000;
export const STRAY_CELLS_AT_ONCE = 16_384;
/** A circuit on which nothing moves; sessions in it ask every 5 s. Milliseconds. */
export const CIRCUIT_IDLE_MS = 60_000;
/** A closing circuit link waits so long for its last frames to leave, milliseconds. */
export const CIRCUIT_LINGER_MS = 2_000;
/** A link's send buffer is filled up to this by circuits, bytes: packets must not wait behind more. */
export const CIRCUIT_LINK_BUFFER = 131_072;

/** A link on which cells wait and that takes less than half of that in so long is closed, milliseconds: it would hold places for ever. */
export const CIRCUIT_STUCK_MS = 60_000;

/** What one cell counts beside its bytes in a window: tiny cells must not fill a relay's memory with their overhead. */
export const CELL_COST = 256;
/** What we carry for others unless told, bytes per second. */
export const RELAY_BYTES_PER_SECOND = 4_194_304;

// Aliases
/** Further ids that one neighbour may be reached under. */
export const MAX_ALIASES = 64;
