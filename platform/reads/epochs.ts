/** Where the commands of a scope live: one partition, or all of them. */
export type Partitions = number | 'all'

/** Epoch by partition: of every partition, or of the one that a scope needs. */
export type Epochs = Readonly<Record<number, number>>

/** An odd epoch is shut: the partition's owner moves watermarks without the cache, so nothing in it counts. */
export const isOpen = (epoch: number | undefined): epoch is number => epoch !== undefined && epoch % 2 === 0

export const isAnyShut = (partitions: Partitions, known: readonly number[]): boolean =>
  partitions === 'all' ? !known.every(isOpen) : !isOpen(known[partitions])

/** Epochs are compared one by one: a sum would hide one partition's raise behind another's. */
export function isBehind(epochs: Epochs, partitions: Partitions, known: readonly number[]): boolean {
  const reaches = (epoch: number | undefined, partition: number) => (epochs[partition] ?? -1) >= (epoch ?? Infinity)
  return partitions === 'all' ? !known.every(reaches) : !reaches(known[partitions], partitions)
}

/** The part of all epochs that a scope's stamp carries. */
export const epochsOf = (partitions: Partitions, known: readonly number[]): Epochs =>
  partitions === 'all' ? known : { [partitions]: known[partitions] ?? -1 }
