-- For `npm run trace`: what became of a request, and of everything in one trace. Both are members of the record, so that
-- outcomes of before have them too, and a database that is made again from `events`.
CREATE INDEX outcomes_request ON outcomes ((record->>'request'));
CREATE INDEX outcomes_trace ON outcomes (substr(record->>'traceparent', 4, 32));
