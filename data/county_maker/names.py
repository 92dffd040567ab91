"""Invented names: words that streets, courts and villages of the plains are named with, put together anew."""

from random import Random

_ROAD = "文 德 和 永 兴 华 康 乐 春 秋 长 安 景 新 富 民 学 荷 柳 枫 桂 梅 松 竹 锦 泰 瑞 祥 盛 星 晨 云 丰 禾 清 泉".split()
_LANE = "盐 米 竹 铁 染 书 井 石 柳 桂 槐 杏 豆 油 灯 鼓 箭 砖 瓦 麻 糖 酱 茶 酒 药 鞋 伞 扇 笔 墨 琴 马 羊 鹅 鱼 莲 藕 菱".split()
_LANE2 = "市 行 作 坊 场 塘 桥 家 仓 店 树 园 子 門 巷".replace("門", "门").split()
_COURT = "锦绣 金桂 翠湖 东方 阳光 和谐 书香 碧水 紫藤 银杏 玉兰 天和 景园 江南 盛世 禾香 云锦 星河 荷塘 鹤鸣 望月 春晓".split()
_COURT2 = "花园 小区 雅苑 家园 名邸 新村 华庭 公寓 嘉园".split()
_VILLAGE = "张 李 王 赵 孙 周 吴 郑 陈 沈 蒋 韩 杨 朱 许 何 吕 施 曹 严 华 金 陶 姜 戚 谢 邹 柏 窦 章 潘 葛 范 彭 鲁 韦 马 苗 方 俞 任 袁 柳 史 唐 薛 雷 贺 汤 罗 毕 安 常 乐 于 傅 齐 康 顾 孟 黄 穆 萧 尹".split()
_VILLAGE2 = "庄 圩 垛 家舍 桥 甸 墩 湾 楼 荡 集 庵 滩 沟 家桥 老庄".split()
_WORKS = "纺织 机械 电子 食品 包装 化纤 铸造 木业 照明 管业 仓储 物流".split()

_SUFFIX = {"tertiary": "路", "residential": "街", "unclassified": "路", "living_street": "巷", "footway": "巷"}


def street(highway: str, style: str, rng: Random) -> str:
    """Name a street; small paths and service roads mostly have no name."""
    if highway in ("service", "track") or (highway == "footway" and style != "old"):
        return ""
    if style in ("hamlet", "fringe", "village") and rng.random() < 0.7:
        return ""
    if style == "old" and highway != "residential":
        return rng.choice(_LANE) + rng.choice(_LANE2) + _SUFFIX[highway]
    first, second = rng.sample(_ROAD, 2)
    return first + second + ("路" if style in ("new", "industrial", "compound") else _SUFFIX[highway])


def place(use: str, rng: Random) -> str:
    """Name what stands on a block, if such blocks bear names."""
    if use == "compound":
        return rng.choice(_COURT) + rng.choice(_COURT2)
    if use == "school":
        return "".join(rng.sample(_ROAD, 2)) + rng.choice(["小学", "中学", "幼儿园"])
    if use == "mall":
        return rng.choice(_COURT) + rng.choice(["广场", "商城", "购物中心"])
    if use == "works":
        return "".join(rng.sample(_ROAD, 2)) + rng.choice(_WORKS) + "厂"
    return ""


def village(rng: Random) -> str:
    """Name a village."""
    return rng.choice(_VILLAGE) + rng.choice(_VILLAGE2)
