// TeamCity, Kotlin DSL: the outputs are environment variables of the later steps. Several pipelines: a matrix build. The
// program is on the agent's PATH, or downloaded and checked as docs/ci.md says.
import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildFeatures.*
import jetbrains.buildServer.configs.kotlin.buildSteps.script

object Retry : BuildType({
    name = "Retry pipelines"
    params {
        param("env.INPUT_REGION", "cn-north-4")
        param("env.INPUT_PROJECT_ID", "00112233445566778899aabbccddeeff")
        param("env.INPUT_PIPELINE_ID", "0123456789abcdef0123456789abcdef")
        param("env.INPUT_PIPELINE_RUN_ID", "latest")
        param("env.INPUT_WAIT", "true")
        password("env.HUAWEICLOUD_SDK_AK", "credentialsJSON:access-key-id")
        password("env.HUAWEICLOUD_SDK_SK", "credentialsJSON:secret-access-key")
    }
    steps {
        script {
            name = "Retry"
            // 7 is wait-timeout: the run takes longer than this step.
            scriptContent = "codearts-retry || [ ${'$'}? -eq 7 ]"
        }
        script {
            name = "After"
            executionMode = BuildStep.ExecutionMode.ALWAYS
            scriptContent = "echo \"${'$'}CODEARTS_RETRY_OUTCOME ${'$'}CODEARTS_RETRY_RUN_URL\""
        }
    }
    features {
        matrix {
            param("env.INPUT_PIPELINE_ID", listOf(
                value("0123456789abcdef0123456789abcdef"),
                value("fedcba9876543210fedcba9876543210"),
            ))
        }
    }
})
