# The Kith mailbox for an ESP32 with MicroPython (1.20 or later).
# Two people pair through it; it keeps a few bytes for two minutes and is trusted with nothing. What it does is written down in
# MAILBOX.md, version 1. MIT licence.
#
# Copy it to the board as main.py; it starts with the power and advertises as "Kith mailbox".
import bluetooth
import time

SERVICE = bluetooth.UUID("6b697468-6d61-4c62-a000-000000000001")
COMMAND = bluetooth.UUID("6b697468-6d61-4c62-a000-000000000002")
REPLY = bluetooth.UUID("6b697468-6d61-4c62-a000-000000000003")
HINT = bluetooth.UUID("6b697468-6d61-4c62-a000-000000000004")
NAME = b"Kith mailbox"

SLOTS = 5
SLOT_BYTES = 512
MEMORY_SECONDS = 120

# MicroPython, bluetooth.BLE: events and flags.
IRQ_CENTRAL_CONNECT = 1
IRQ_CENTRAL_DISCONNECT = 2
IRQ_GATTS_WRITE = 3
IRQ_GATTS_READ_REQUEST = 4
FLAG_READ = 0x0002
FLAG_WRITE = 0x0008
FLAG_NOTIFY = 0x0010
ADVERTISE_EVERY_US = 100_000


class Mailbox:
    """Five slots, and what each command does to them."""

    def __init__(self):
        self.forget()
        self.new_connection()

    def forget(self):
        self.slots = {}
        self.drafts = {}
        self.touched = None

    def new_connection(self):
        self.drafts = {}
        self.selected = (0, 0)

    def tick(self):
        if self.touched is not None and time.time() - self.touched >= MEMORY_SECONDS:
            self.forget()

    def touch(self):
        self.touched = time.time()

    def take(self, command):
        """Carries out a command. Answers the slot it committed, 0 for none, -1 for what is malformed."""
        self.tick()
        if len(command) == 1 and command[0] == 4:
            self.forget()
            return 0
        if len(command) < 4 or not 1 <= command[1] <= SLOTS:
            return -1
        operation, slot = command[0], command[1]
        number = command[2] << 8 | command[3]
        if operation == 1:
            return self.put(slot, number, command[4:])
        if len(command) != 4:
            return -1
        if operation == 2:
            return self.commit(slot, number)
        if operation == 3 and number <= SLOT_BYTES:
            self.selected = (slot, number)
            return 0
        return -1

    def put(self, slot, offset, data):
        if not 1 <= len(data) <= 16 or offset + len(data) > SLOT_BYTES:
            return -1
        self.touch()
        if slot in self.slots:
            return 0
        if slot not in self.drafts:
            self.drafts[slot] = (bytearray(SLOT_BYTES), bytearray(SLOT_BYTES))
        content, was_put = self.drafts[slot]
        for at, byte in enumerate(data):
            content[offset + at] = byte
            was_put[offset + at] = 1
        return 0

    def commit(self, slot, length):
        if not 1 <= length <= SLOT_BYTES:
            return -1
        if slot in self.slots:
            self.touch()
            return 0
        if slot not in self.drafts or 0 in self.drafts[slot][1][:length]:
            return -1
        self.touch()
        self.slots[slot] = bytes(self.drafts.pop(slot)[0][:length])
        return slot

    def reply(self):
        self.tick()
        slot, offset = self.selected
        content = self.slots.get(slot, b"")
        head = bytes((slot, offset >> 8, offset & 255, len(content) >> 8, len(content) & 255))
        return head + content[offset : offset + 15]


class Peripheral:
    """The mailbox on the air: one central at a time, advertised while it is free."""

    def __init__(self):
        self.mailbox = Mailbox()
        self.ble = bluetooth.BLE()
        self.ble.active(True)
        self.ble.config(gap_name=NAME)
        self.ble.irq(self.happened)
        characteristics = ((COMMAND, FLAG_WRITE), (REPLY, FLAG_READ), (HINT, FLAG_NOTIFY))
        ((self.command, self.answer, self.hint),) = self.ble.gatts_register_services(((SERVICE, characteristics),))
        # One more than fits a command, so that what is too long is not cut to something that is not.
        self.ble.gatts_set_buffer(self.command, 21)
        self.show()
        self.advertise()

    def happened(self, event, data):
        if event == IRQ_CENTRAL_CONNECT:
            self.mailbox.new_connection()
            self.show()
        elif event == IRQ_CENTRAL_DISCONNECT:
            self.mailbox.new_connection()
            self.show()
            self.advertise()
        elif event == IRQ_GATTS_WRITE and data[1] == self.command:
            # MicroPython has no way to answer a write with an error: what is malformed changes nothing.
            committed = self.mailbox.take(self.ble.gatts_read(self.command))
            self.show()
            if committed > 0:
                self.ble.gatts_notify(data[0], self.hint, bytes((committed,)))
        elif event == IRQ_GATTS_READ_REQUEST and data[1] == self.answer:
            self.show()
            return 0

    def show(self):
        self.ble.gatts_write(self.answer, self.mailbox.reply())

    def advertise(self):
        # Flags: general discoverable, Bluetooth Low Energy only. 0x07: all 128-bit services, least significant byte first. 0x09: name.
        advertisement = b"\x02\x01\x06\x11\x07" + bytes(SERVICE)
        response = bytes((len(NAME) + 1, 0x09)) + NAME
        self.ble.gap_advertise(ADVERTISE_EVERY_US, adv_data=advertisement, resp_data=response)


peripheral = Peripheral()
