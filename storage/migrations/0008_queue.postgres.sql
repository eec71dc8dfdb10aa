-- A prompt was let in without NUL characters and broken surrogates, so that this reads every one.
UPDATE jobs SET
    model = request::json #>> '{options,model}',
    size = COALESCE(request::json #>> '{options,size}', ''),
    images = COALESCE((request::json #>> '{options,count}')::bigint, 1);
