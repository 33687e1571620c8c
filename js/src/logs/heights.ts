/** Where rows of one height, or of many, begin: what a list needs that draws only what is in sight. */
export class Heights {
  private readonly tops: Float64Array;

  /** `height_of`: of each row, in pixels. */
  constructor(
    readonly count: number,
    private readonly height_of: number | ((index: number) => number),
  ) {
    this.tops = new Float64Array(typeof height_of === "number" ? 0 : count + 1);
    if (typeof height_of !== "number")
      for (let index = 0; index < count; index++) this.tops[index + 1] = (this.tops[index] ?? 0) + height_of(index);
  }

  get total(): number {
    return this.top(this.count);
  }

  top(index: number): number {
    return typeof this.height_of === "number" ? index * this.height_of : (this.tops[index] ?? 0);
  }

  /** The row at a distance from the top. */
  at(distance: number): number {
    if (typeof this.height_of === "number") return clamp(Math.floor(distance / this.height_of), this.count);
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tops[middle + 1] ?? 0) <= distance) low = middle + 1;
      else high = middle;
    }
    return clamp(low, this.count);
  }
}

const clamp = (index: number, count: number) => Math.max(0, Math.min(count - 1, index));
