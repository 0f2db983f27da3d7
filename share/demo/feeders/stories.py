"""What happens in the demo: endless, made up, and numbered where it begins. Nothing here knows a
broker."""
import math
import random
import time

ITEMS = (("espresso machine", 249), ("desk lamp", 39), ("rucksack", 89), ("notebook", 7),
         ("headphones", 129), ("bicycle bell", 12), ("tea kettle", 45), ("rain coat", 75))
STATUS = ("NEW", "PAID", "SHIPPED", "DELIVERED")
ORDERS_OPEN = 12
REFUNDED = 1 / 7
SYMBOLS = {"ACME": 101.0, "BRIG": 107.0, "CORA": 114.0, "DUNE": 121.0}
SENSORS, SENSORS_OF_RACK = 144, 12
HOT, MORTAL = 67, 13  # this one overheats, that one dies
HOT_PERIOD_S = 120
AIRPORTS = {
    "AMS": (52.31, 4.76), "ATL": (33.64, -84.43), "BKK": (13.69, 100.75), "BOG": (4.7, -74.15),
    "CAI": (30.12, 31.41), "CDG": (49.01, 2.55), "CPT": (-33.97, 18.6), "DEL": (28.57, 77.1),
    "DFW": (32.9, -97.04), "DXB": (25.25, 55.36), "EZE": (-34.82, -58.54), "FRA": (50.03, 8.57),
    "GRU": (-23.44, -46.47), "HKG": (22.31, 113.91), "HND": (35.55, 139.78), "IST": (41.26, 28.74),
    "JFK": (40.64, -73.78), "JNB": (-26.14, 28.25), "KEF": (63.99, -22.61), "LAX": (33.94, -118.41),
    "LHR": (51.47, -0.45), "LIM": (-12.02, -77.11), "LOS": (6.58, 3.32), "MAD": (40.49, -3.57),
    "MEX": (19.44, -99.07), "NBO": (-1.32, 36.93), "ORD": (41.98, -87.9), "PEK": (40.08, 116.58),
    "PER": (-31.94, 115.97), "SCL": (-33.39, -70.79), "SEA": (47.45, -122.31),
    "SIN": (1.36, 103.99), "SVO": (55.97, 37.41), "SYD": (-33.95, 151.18), "AKL": (-37.01, 174.79),
}


def now_ms():
    return time.time_ns() // 1_000_000


class Shop:
    """Orders of one region: (key, order), where an order of None is a tombstone: it was refunded."""

    def __init__(self, region):
        self._prefix, self._number = region[:1].upper(), int(time.time()) % 1_000_000
        self._orders = {}  # those on their way

    def step(self):
        if len(self._orders) < ORDERS_OPEN or random.random() < 0.2:
            return self._new()
        return self._advance(random.choice(list(self._orders)[:ORDERS_OPEN]))

    def _new(self):
        self._number += 1
        key = f"{self._prefix}-{self._number}"
        item, price = random.choice(ITEMS)
        quantity = random.randint(1, 4)
        self._orders[key] = {"item": item, "quantity": quantity, "status": STATUS[0],
                             "total": round(quantity * price * random.uniform(0.9, 1), 2)}
        return key, self._orders[key]

    def _advance(self, key):
        order = self._orders[key]
        if order["status"] == "PAID" and random.random() < REFUNDED:
            del self._orders[key]
            return key, None
        order["status"] = STATUS[STATUS.index(order["status"]) + 1]
        if order["status"] == STATUS[-1]:
            del self._orders[key]
        return key, order


class Building:
    """Temperatures of sensors: index to degrees."""

    def __init__(self):
        self._celsius = [random.uniform(18, 25) for _ in range(SENSORS)]

    def measure(self, index):
        drift = random.gauss(0, 0.15) + (21.5 - self._celsius[index]) * 0.02
        self._celsius[index] += drift
        return round(self._celsius[index] + (self._heat() if index == HOT else 0), 2)

    @staticmethod
    def _heat():
        """Degrees above the others: half of the time none, then up to 25."""
        return max(0.0, 25 * math.sin(2 * math.pi * time.time() / HOT_PERIOD_S))


class Market:
    def __init__(self):
        self._prices = dict(SYMBOLS)

    def trade(self):
        symbol = random.choice(list(SYMBOLS))
        pull = (SYMBOLS[symbol] - self._prices[symbol]) * 0.002
        self._prices[symbol] += random.gauss(pull, 0.0012 * SYMBOLS[symbol])
        return symbol, round(self._prices[symbol], 2)


def flight():
    start, end = random.sample(list(AIRPORTS), 2)

    def place(code):
        return {"code": code, "lat": AIRPORTS[code][0], "lon": AIRPORTS[code][1]}
    return {"flight": f"SL{random.randint(1, 999)}", "from": place(start), "to": place(end),
            "passengers": random.randint(40, 340)}
