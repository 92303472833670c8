/** Offsets are contiguous and kept for ever: somebody deleted records, compacts the topic, or wrote in a transaction. */
export class RecordsGone extends Error {
  constructor(topic: string, partition: number, offset: number) {
    super(
      `partition ${partition} of ${topic} has no record at offset ${offset}: records were deleted, or somebody else writes to it`,
    )
    this.name = 'RecordsGone'
  }
}
