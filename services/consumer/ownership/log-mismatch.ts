/** The log and the database do not belong together, or one of them is older than the other: a person must look. */
export class LogMismatch extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LogMismatch'
  }
}

/** What to do where they do not, whichever parts they are in. */
export const PUT_BACK =
  'Put back the one that belongs to the other: DATABASE_URL with its KAFKA_BROKERS and TOPIC_PREFIX, or all of DATA_DIR.'
