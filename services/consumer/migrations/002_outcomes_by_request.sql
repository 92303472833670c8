-- For `npm run trace`: what became of a request, and of everything in one trace. Both are members of the record, so that
-- outcomes of before have them too, and a database that is made again from `events`. Request ids have 100 characters at
-- most; the record of a stranger may have more, and must not be refused for its length: an index has room for 8 KiB.
CREATE INDEX outcomes_request ON outcomes (left(record->>'request', 100));
CREATE INDEX outcomes_trace ON outcomes (substr(record->>'traceparent', 4, 32));
