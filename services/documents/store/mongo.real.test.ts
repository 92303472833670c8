import { scratchMongo } from '../../consumer/stores.testing.ts'
import { indexDocuments, mongoDocuments } from './mongo.ts'
import { documentStoreSuite } from './suite.ts'

documentStoreSuite('documents in MongoDB', async () => {
  const { db, reader, save, drop } = scratchMongo()
  await indexDocuments(db)
  return {
    store: mongoDocuments(reader),
    save: (...documents) => save('document', documents),
    async empty() {
      await db.collection('documents').deleteMany({})
    },
    close: drop,
  }
})
