UPDATE jobs SET
    model = json_extract(request, '$.options.model'),
    size = COALESCE(json_extract(request, '$.options.size'), ''),
    images = COALESCE(json_extract(request, '$.options.count'), 1);
