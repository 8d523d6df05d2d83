# The vendor's sample code for RetryPipelineRun. Its placeholders are filled from the environment, and an endpoint takes the
# place of the region.
import os

from huaweicloudsdkcodeartspipeline.v2 import CodeArtsPipelineClient, RetryPipelineRunRequest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions

if __name__ == "__main__":
    ak = os.environ["CLOUD_SDK_AK"]
    sk = os.environ["CLOUD_SDK_SK"]
    credentials = BasicCredentials(ak, sk, os.environ["PROJECT_ID"])
    client = (
        CodeArtsPipelineClient.new_builder()
        .with_credentials(credentials)
        .with_endpoint(os.environ["ENDPOINT"])
        .build()
    )
    try:
        request = RetryPipelineRunRequest()
        request.project_id = os.environ["PROJECT_ID"]
        request.pipeline_id = os.environ["PIPELINE_ID"]
        request.pipeline_run_id = os.environ["PIPELINE_RUN_ID"]
        response = client.retry_pipeline_run(request)
        print(response)
    except exceptions.ClientRequestException as e:
        print(e.status_code)
        print(e.request_id)
        print(e.error_code)
        print(e.error_msg)
        raise
