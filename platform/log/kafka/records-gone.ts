/** A log is kept for ever: somebody deleted records, or changed how long the topic keeps them. */
export class RecordsGone extends Error {
  constructor(topic: string, partition: number, offset: number) {
    super(`partition ${partition} of ${topic} no longer holds offset ${offset}: records were deleted in Kafka`)
    this.name = 'RecordsGone'
  }
}
