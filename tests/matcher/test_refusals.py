import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.refusals import refuses


@pytest.mark.parametrize(
    ("required", "statement"),
    [
        ("支持人脸比对与门禁联动", "不支持人脸比对。"),
        ("用车载视频识别井盖缺失、破损、移位、沉降四类病害", "召回率76%，缺失和移位暂不支持。"),
        ("盖章压字和手写补充条款可识别", "手写补充条款只定位不识别。"),
        ("会议转写字准率不低于95%", "会议转写没有，需要另配。"),
        ("听懂普通话和粤语", "方言里粤语效果差，粤语不支持。"),
        ("断网时仍可转写", "语音送到公有云识别，断网不能用。"),
        ("所用大模型和算法已备案", "还没有做算法备案。"),
        ("支持无人机航片识别", "没有做过无人机航片。"),
        ("Opens an after-sales ticket with a reason code", "It never opens an after-sales ticket."),
        ("Reads handwritten forms", "Handwritten forms are not read."),
    ],
)
def test_saying_no_to_what_is_asked_is_a_refusal(required, statement):
    assert refuses(required, statement)


@pytest.mark.parametrize(
    ("required", "statement"),
    [
        ("不做人脸识别，不留存个人信息", "不做人脸识别。"),
        ("Never promises a refund without approval", "It never promises a refund."),
        ("断网可缓存7天", "断网也能用，不影响缓存。"),
        ("能读取三种品牌的AOI输出", "不支持的品牌会提示。"),
        ("支持语音录入", "如不支持语音录入，可外接键盘。"),
        ("支持语音录入", "除英语外不支持语音录入。"),
        ("部署在政务云或本地机房", "不支持本地机房。"),
        ("误报率不高于5%", "误报率不超过3%。"),
        ("判断排口有无出水", "从画面里看出有没有出水。"),
        ("软件和训练全部在厂内完成", "对通孔焊点没有训练过，不承诺效果。"),
        ("用现有车载视频识别井盖病害", "不做拣货路线，没有视频。"),
        ("Sends weekly reports", "We do not sell weekly magazines."),
    ],
)
def test_agreement_exceptions_conditions_and_other_things_are_no_refusal(required, statement):
    assert not refuses(required, statement)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_read(required, statement):
    assert refuses(required, statement) in (True, False)


@given(st.text(alphabet="支持识别井盖破损，。与接口对", max_size=40))
def test_a_statement_without_a_no_refuses_nothing(statement):
    assert not refuses("支持识别井盖破损，与接口对接", statement)
