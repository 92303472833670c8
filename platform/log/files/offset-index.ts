/** Where the sections of one partition begin in the file: 16 bytes a section, in arrays that grow by doubling. */
export interface OffsetIndex {
  add(firstOffset: number, position: number): void
  /** The place, in the order of adding, of the section that holds this offset; -1 if it is before the first. */
  find(offset: number): number
  /** Where the section at this place begins; undefined behind the last. */
  position(place: number): number | undefined
}

export function createOffsetIndex(): OffsetIndex {
  let offsets = new Float64Array(64)
  let positions = new Float64Array(64)
  let count = 0

  function add(firstOffset: number, position: number): void {
    if (count === offsets.length) {
      offsets = doubled(offsets)
      positions = doubled(positions)
    }
    offsets[count] = firstOffset
    positions[count] = position
    count++
  }

  function find(offset: number): number {
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (offsets[middle]! <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  return { add, find, position: (place) => (place < count ? positions[place] : undefined) }
}

function doubled(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2)
  larger.set(array)
  return larger
}
