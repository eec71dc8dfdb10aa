UPDATE jobs SET kind = json_extract(request, '$.kind'), words = lower(json_extract(request, '$.prompt'));
