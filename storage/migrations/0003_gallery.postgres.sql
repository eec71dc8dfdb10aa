-- A prompt was let in without NUL characters and broken surrogates, so that this reads every one.
UPDATE jobs SET kind = request::json ->> 'kind', words = lower(request::json ->> 'prompt');
