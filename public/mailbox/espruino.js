// The Kith mailbox for Espruino gadgets: Puck.js, Bangle.js, Pixl.js, MDBT42Q and others with Bluetooth.
// Two people pair through it; it keeps a few bytes for two minutes and is trusted with nothing. What it does is written down in
// MAILBOX.md, version 1. MIT licence.
//
// Kith's page sends it by itself ("Make one from a gadget"), starts it half a minute after every power-up, and takes it off again. By
// hand: send it to the gadget's RAM (the Web IDE's "Send to Espruino"), then disconnect: it advertises as "Kith mailbox". Taking out the
// battery makes the gadget what it was before. Do not save() it: its console is switched off to make room in the advertisement.
(() => {
  var SERVICE = '6b697468-6d61-4c62-a000-000000000001';
  var COMMAND = '6b697468-6d61-4c62-a000-000000000002';
  var REPLY = '6b697468-6d61-4c62-a000-000000000003';
  var HINT = '6b697468-6d61-4c62-a000-000000000004';
  var SLOTS = 5;
  var SLOT_BYTES = 512;
  var MEMORY_MS = 120000;

  var slots; // what is committed; null: empty
  var drafts; // of this connection: bytes, and a bit for each that was put
  var selectedSlot = 0;
  var selectedOffset = 0;
  var timer;

  function forget() {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
    slots = [null, null, null, null, null, null];
    drafts = [null, null, null, null, null, null];
  }

  function remember() {
    if (timer !== undefined) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      forget();
      show(0);
    }, MEMORY_MS);
  }

  function newConnection() {
    drafts = [null, null, null, null, null, null];
    selectedSlot = 0;
    selectedOffset = 0;
    show(0);
  }

  function draftOf(slot) {
    if (!drafts[slot]) drafts[slot] = { bytes: new Uint8Array(SLOT_BYTES), put: new Uint8Array(SLOT_BYTES / 8) };
    return drafts[slot];
  }

  function put(slot, offset, command) {
    var length = command.length - 4;
    if (length < 1 || length > 16 || offset + length > SLOT_BYTES) return;
    remember();
    if (slots[slot]) return;
    var draft = draftOf(slot);
    for (var i = 0; i < length; i++) {
      draft.bytes[offset + i] = command[4 + i];
      draft.put[(offset + i) >> 3] |= 1 << ((offset + i) & 7);
    }
  }

  // Answers the slot that was committed, or 0.
  function commit(slot, length) {
    if (length < 1 || length > SLOT_BYTES) return 0;
    if (!slots[slot]) {
      var draft = drafts[slot];
      if (!draft) return 0;
      for (var i = 0; i < length; i++) if (!(draft.put[i >> 3] & (1 << (i & 7)))) return 0;
      slots[slot] = new Uint8Array(length);
      for (var k = 0; k < length; k++) slots[slot][k] = draft.bytes[k];
      drafts[slot] = null;
      remember();
      return slot;
    }
    remember();
    return 0;
  }

  // Espruino has no way to answer a write with an error: what is malformed is left alone, and who looks sees that nothing has changed.
  function take(command) {
    var operation = command[0];
    if (command.length === 1 && operation === 4) {
      forget();
      return 0;
    }
    if (command.length < 4) return 0;
    var slot = command[1];
    var number = (command[2] << 8) | command[3];
    if (slot < 1 || slot > SLOTS) return 0;
    if (operation === 1) put(slot, number, command);
    else if (command.length !== 4) return 0;
    else if (operation === 2) return commit(slot, number);
    else if (operation === 3 && number <= SLOT_BYTES) {
      selectedSlot = slot;
      selectedOffset = number;
    }
    return 0;
  }

  function reply() {
    var content = slots[selectedSlot];
    var length = content ? content.length : 0;
    var answer = [selectedSlot, selectedOffset >> 8, selectedOffset & 255, length >> 8, length & 255];
    for (var i = selectedOffset; i < length && answer.length < 20; i++) answer.push(content[i]);
    return answer;
  }

  function show(committed) {
    var values = {};
    values[REPLY] = { value: reply() };
    if (committed) values[HINT] = { value: [committed], notify: true };
    var services = {};
    services[SERVICE] = values;
    NRF.updateServices(services);
  }

  forget();
  var characteristics = {};
  characteristics[COMMAND] = {
    value: [0],
    maxLen: 20,
    writable: true,
    onWrite: (event) => {
      show(take(new Uint8Array(event.data)));
    }
  };
  characteristics[REPLY] = { value: reply(), maxLen: 20, readable: true };
  characteristics[HINT] = { value: [0], maxLen: 1, notify: true };
  var services = {};
  services[SERVICE] = characteristics;
  NRF.on('connect', newConnection);
  NRF.on('disconnect', newConnection);
  NRF.setServices(services, { advertise: [SERVICE], uart: false });
  NRF.setAdvertising({}, { name: 'Kith mailbox' });
})();
