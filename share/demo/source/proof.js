// Sources number their messages. From these numbers alone the page tells what did not come.

/** What became of the numbers of each lane. A lane is a sequence without holes at its source. */
export class Proof {
  #lanes = new Map();
  checked = 0; // events with a number
  doubled = 0;
  told = 0; // missing, and a gap said so
  #say;

  /** say: is told of each hole that no gap came before, and of each number that came again. */
  constructor(say = () => {}) {
    this.#say = say;
  }

  /** Missing, and nobody said so. */
  get lost() {
    let lost = 0;
    for (const lane of this.#lanes.values()) lost += lane.open;
    return lost;
  }

  /** The next event of a lane. */
  saw(name, number) {
    const lane = this.#lane(name);
    ++this.checked;
    if (lane.last !== null && number <= lane.last) {
      if (lane.mayRepeat) return;
      ++this.doubled;
      this.#say(`${name}: number ${number} came again after ${lane.last}`);
      return;
    }
    const missing = lane.last === null ? 0 : number - lane.last - 1;
    if (missing > 0) {
      if (lane.isTold) this.told += missing;
      else {
        lane.open += missing;
        this.#say(`${name}: ${missing} missing before number ${number}`);
      }
    }
    if (missing > 0 || lane.mayRepeat) lane.isTold = lane.mayRepeat = false;
    lane.last = number;
  }

  /** An event that has no number of its own, but took one at the source. */
  sawUnnumbered(name) {
    const lane = this.#lane(name);
    if (lane.last !== null) this.saw(name, lane.last + 1);
  }

  /** A gap: what is missing now, or at the next event, was told; in the lanes that `takes` takes. */
  gap(mayRepeat, takes = () => true) {
    for (const lane of this.#taken(takes)) {
      this.told += lane.open;
      lane.open = 0;
      lane.isTold = true;
      lane.mayRepeat = mayRepeat;
    }
  }

  /** These lanes were left, and begin anew: what came meanwhile was not wanted. */
  restart(takes) {
    for (const lane of this.#taken(takes)) lane.last = null;
  }

  *#taken(takes) {
    for (const [name, lane] of this.#lanes) if (takes(name)) yield lane;
  }

  #lane(name) {
    let lane = this.#lanes.get(name);
    if (!lane)
      this.#lanes.set(name, lane = { last: null, open: 0, isTold: false, mayRepeat: false });
    return lane;
  }
}
