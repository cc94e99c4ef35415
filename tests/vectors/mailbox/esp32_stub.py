# Runs public/mailbox/esp32.py with a stub of `bluetooth`, in MicroPython or Python: one JSON value a line in, one out.
import json
import sys


class Clock:
    now = 0

    @staticmethod
    def time():
        return Clock.now // 1000


def uuid(text):
    return bytes(reversed(bytes.fromhex(text.replace("-", ""))))


class BLE:
    it = None

    def __init__(self):
        BLE.it = self
        self.values = {}
        self.buffers = {}
        self.hints = []
        self.advertised = None
        self.services = None

    def active(self, on):
        pass

    def config(self, **names):
        self.name = names["gap_name"]

    def irq(self, handler):
        self.handler = handler

    def gatts_register_services(self, services):
        self.services = services
        return (tuple(range(1, 1 + len(services[0][1]))),)

    def gatts_set_buffer(self, handle, length):
        self.buffers[handle] = length

    def gatts_read(self, handle):
        return self.values[handle]

    def gatts_write(self, handle, value):
        self.values[handle] = bytes(value)

    def gatts_notify(self, connection, handle, value):
        self.hints += list(value)

    def gap_advertise(self, interval, adv_data, resp_data):
        self.advertised = (bytes(adv_data), bytes(resp_data))


class Bluetooth:
    BLE = BLE
    UUID = staticmethod(uuid)


sys.modules["bluetooth"] = Bluetooth
sys.modules["time"] = Clock
with open(sys.argv[1]) as program:
    exec(program.read(), {"__name__": "__main__"})


def hexed(value):
    return "".join("%02x" % byte for byte in value)


def done(step):
    ble = BLE.it
    if "connect" in step:
        ble.advertised = None
        return ble.handler(1, (0, 0, b""))
    if "disconnect" in step:
        return ble.handler(2, (0, 0, b""))
    if "wait" in step:
        Clock.now += step["wait"]
        return None
    if "write" in step:
        ble.hints = []
        # As the radio does: cut to what the characteristic holds.
        ble.values[1] = bytes.fromhex(step["write"])[: ble.buffers.get(1, 20)]
        ble.handler(3, (0, 1))
        return ble.hints
    if "read" in step:
        ble.handler(4, (0, 2))
        return hexed(ble.values[2])
    adv = ble.advertised
    flags = [characteristic[1] for characteristic in ble.services[0][1]]
    return [adv and hexed(adv[0]), adv and hexed(adv[1]), flags]


for line in sys.stdin:
    print(json.dumps(done(json.loads(line))))
    # MicroPython's stdout has no flush, and needs none.
    getattr(sys.stdout, "flush", lambda: None)()
